"""Maintenance order, order response and invoice in INSBOU004."""

from adapters.formats.insbou.standard import Insbou
from adapters.formats.insbou004 import codes, parse, render, schema

FORMAT = Insbou(codes.VERSION, schema.schema(), parse.parse, render.render)
