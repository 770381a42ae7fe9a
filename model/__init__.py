"""The science of the explorer: networks, losses, training, metrics and checkpoints. Imports no streamlit.

Nothing that loads torch is imported here on purpose: `model.config` is usable without it. Whatever loads torch imports
this package first, which settles how torch's threads will wait.
"""

from model.threads import wait_briefly

wait_briefly()
