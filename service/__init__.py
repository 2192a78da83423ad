"""HOW people reach it: OGC APIs, analysis APIs, Folium maps and pages."""
