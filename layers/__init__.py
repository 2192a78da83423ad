"""WHAT is on the map: declarations only, standard library only, no input or output."""
