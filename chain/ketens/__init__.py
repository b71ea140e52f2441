"""The rules of each keten, one package per keten. Pure."""
