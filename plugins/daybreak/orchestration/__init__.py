"""Airflow's side: with dags/, the only room that imports airflow. Thin: every step's work is in ``daybreak.steps``."""
