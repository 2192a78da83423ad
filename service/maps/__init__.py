"""Folium maps; the only modules that know Folium."""
