"""The official rules of invoices, run as they are published: Schematron, compiled to XSLT 2.0."""

from adapters.schematron.book import Assertion, Book, Verdict
from adapters.schematron.rules import Rules

__all__ = ["Assertion", "Book", "Rules", "Verdict"]
