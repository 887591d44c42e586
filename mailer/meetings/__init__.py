"""When do we meet? Rules, public holidays, and what people changed by hand."""
