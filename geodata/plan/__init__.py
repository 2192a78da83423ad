"""The plan of 2011-2015: its inventory as data files, its tables, its loader."""
