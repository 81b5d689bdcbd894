"""From a gzip document to published and gated rows, beside one raw COPY, dlt and pandas."""
