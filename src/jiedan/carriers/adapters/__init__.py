"""Those who carry, behind one protocol: by hand, by a rate sheet of one's own, and whoever else registers."""
