"""What a browser loads: page templates, own scripts and styles, vendored assets."""
