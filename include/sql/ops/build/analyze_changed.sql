select ops.analyze_changed() as table_names
