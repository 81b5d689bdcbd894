"""Runs Daybreak on one machine: embedded Postgres, Airflow and, for the demo, the simulator.

Servers use the compose file.
"""
