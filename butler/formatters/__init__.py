"""Formatters that need no pixels: JSON, YAML, text, configuration, arrays, tables, figures."""
