"""Beyond one process: Ray for batches and for the page, several processes for trainings. The only place that names Ray.

Nothing here is imported before it is asked for; `requirements-scale.txt` has what it needs.
"""
