"""Maintenance order, order response and invoice in INSBOU003."""

from adapters.formats.insbou.standard import Insbou
from adapters.formats.insbou003 import codes, parse, render, schema

FORMAT = Insbou(codes.VERSION, schema.schema(), parse.parse, render.render)
