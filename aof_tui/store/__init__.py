"""The only truth: SQLite behind one writer task, named SQL, read queries that build Control's rows."""
