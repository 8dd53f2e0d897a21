"""Files of known systems: what products, customers, stock and orders they tell of, and whether all of it came in."""
