"""Pictures of networks: functions that draw on an axis and return it.

Every function works without a window, shows nothing by itself, and leaves the network as it was.
Those that fill a whole figure say so and return it.
"""

from pellucid.inspect.pictures import saliency
from pellucid.inspect.pictures.animation import FrameKeeper, animate
from pellucid.inspect.pictures.attention import attention_map, attention_maps, attention_weights
from pellucid.inspect.pictures.both_ways import step_diagram
from pellucid.inspect.pictures.boundary import Surface, decision_boundary, decision_surface
from pellucid.inspect.pictures.curves import compare_runs, learning_curves
from pellucid.inspect.pictures.diagram import network_diagram
from pellucid.inspect.pictures.excitation import (
    Excitation,
    maximise_activation,
    most_exciting,
)
from pellucid.inspect.pictures.hidden_space import (
    all_hidden_spaces,
    bent_grid,
    hidden_space,
    projected,
    representation,
)
from pellucid.inspect.pictures.histograms import (
    all_layer_histograms,
    layer_histograms,
    update_ratios,
)
from pellucid.inspect.pictures.landscape import (
    Landscape,
    filter_normalised_direction,
    loss_landscape,
    scan_landscape,
)
from pellucid.inspect.pictures.mistakes import (
    Mistakes,
    confusion,
    confusion_matrix,
    find_mistakes,
    worst_mistakes,
)
from pellucid.inspect.pictures.plane import Plane
from pellucid.inspect.pictures.range_test import learning_rate_range
from pellucid.inspect.pictures.recording import LayerRecorder
from pellucid.inspect.pictures.regression import predictions
from pellucid.inspect.pictures.saliency_maps import saliency_map, saliency_text
from pellucid.inspect.pictures.sequences import embedding_map, recurrent_states
from pellucid.inspect.pictures.unit_images import exciting_inputs
from pellucid.inspect.pictures.weights import feature_maps, filters, weight_images

__all__ = [
    "Excitation",
    "FrameKeeper",
    "Landscape",
    "LayerRecorder",
    "Mistakes",
    "Plane",
    "Surface",
    "all_hidden_spaces",
    "all_layer_histograms",
    "animate",
    "attention_map",
    "attention_maps",
    "attention_weights",
    "bent_grid",
    "compare_runs",
    "confusion",
    "confusion_matrix",
    "decision_boundary",
    "decision_surface",
    "embedding_map",
    "exciting_inputs",
    "feature_maps",
    "filter_normalised_direction",
    "filters",
    "find_mistakes",
    "hidden_space",
    "layer_histograms",
    "learning_curves",
    "learning_rate_range",
    "loss_landscape",
    "maximise_activation",
    "most_exciting",
    "network_diagram",
    "predictions",
    "projected",
    "recurrent_states",
    "representation",
    "saliency",
    "saliency_map",
    "saliency_text",
    "scan_landscape",
    "step_diagram",
    "update_ratios",
    "weight_images",
    "worst_mistakes",
]
