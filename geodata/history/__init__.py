"""What became of features and of imports: who changed what, when and why."""
