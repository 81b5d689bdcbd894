"""The steps of the dawn graph, one module each, without Airflow: the operators and the command line share them."""
