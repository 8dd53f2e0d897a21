"""Prices: rules as staff write them, what they say, what is published and when."""
