"""Statistics over HTTP: the profile of an area of the plan or of any polygon."""
