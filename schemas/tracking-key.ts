/** MLflow's own rule for names of metrics, params and tags: letters and digits of any script. */
export const TRACKING_KEY = /^[/\p{L}\p{N}_.\- :]{1,250}$/u;
