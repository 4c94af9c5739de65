"""Groups of PyTorch's functions by their effect on a tensor, and small questions about tensors."""

from typing import Any

import torch

from robot_agent.doctor.words import split

IGNORED = split(
    "size dim shape grad_fn is_leaf requires_grad dtype device stride is_sparse __len__ _version layout "
    "ndim numel nelement is_cuda is_contiguous is_floating_point is_complex storage_offset "
    "untyped_storage data_ptr names is_nested is_quantized is_meta is_mps is_xpu element_size storage "
    "register_hook retain_grad backward __hash__ _grad _is_all_true __repr__ __dir__ get_device "
    "_set_grad_enabled is_same_size _backward_hooks __reduce_ex__ is_inference is_conj is_neg _is_view "
    "_base output_nr result_type can_cast itemsize nbytes __deepcopy__ "
    "_has_compatible_shallow_copy_type _backward_hooks_ is_shared pin_memory is_pinned seed manual_seed "
    "get_rng_state is_vulkan is_ipu is_xla is_maia is_mkldnn is_mtia is_sparse_csr promote_types"
)
LEAVES = split(
    "numpy item tolist __float__ __int__ __array__ __format__ __bool__ __index__ __complex__ __contains__"
)
WRITES = split("__setitem__ __iadd__ __isub__ __imul__ __itruediv__ copy_ fill_ zero_ set_")
FIRST = split(
    "linear matmul mm addmm conv1d conv2d conv3d lstm gru rnn_tanh rnn_relu __matmul__ __rmatmul__ mv "
    "einsum lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell bilinear conv_transpose1d conv_transpose2d"
)
RECURRENT = split("lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell")
CUTTING = split(
    "detach data argmax round sign bernoulli multinomial floor ceil long int gt lt ge le eq ne topk max "
    "min type to detach_ sort argsort histc bincount __gt__ __lt__ __ge__ __le__ __eq__ __ne__ nonzero "
    "trunc cpu argmin"
)
COMPARE = frozenset(["eq", "__eq__", "ne", "__ne__"])
FILLED = split("zeros ones full zeros_like ones_like full_like empty")
SHAPED_LIKE = split("expand_as view_as reshape_as type_as")
SHAPED = SHAPED_LIKE | split(
    "zeros_like ones_like full_like empty_like rand_like randn_like randint_like new_zeros new_ones new_full "
    "new_empty new_tensor"
)
"""Calls that use only the shape or type of a tensor, not its numbers."""
NOISY = (torch.nn.modules.dropout._DropoutNd, torch.nn.modules.batchnorm._BatchNorm)
LARGE = 2_000_000
"""The numbers of a tensor with more elements than this are not checked."""
_NAMES: dict[Any, str] = {}


def name_of(function: Any) -> str:
    """Return the name of a PyTorch function; `x.grad` is `grad`, `x.grad = y` is `grad=`."""
    name = _NAMES.get(function)
    if name is None:
        name = getattr(function, "__name__", "?")
        if name in ("__get__", "__set__", "__delete__"):
            owner = getattr(getattr(function, "__self__", None), "__name__", "?")
            name = owner + ("=" if name != "__get__" else "")
        if len(_NAMES) < 4000:
            _NAMES[function] = name
    return name


def writes(name: str) -> bool:
    """Return whether a call writes into its first argument: add_ does, __add__ does not."""
    return name in WRITES or (name[-1:] == "_" and name[-2:] != "__")


def is_weight(tensor: Any) -> bool:
    """Return whether a tensor is a leaf that requires grad; False if PyTorch cannot say it of a view."""
    try:
        return bool(tensor.requires_grad and tensor.is_leaf)
    except RuntimeError:
        return False


def node_of(tensor: Any) -> Any:
    """Return a tensor's node in the graph; None for a leaf, and if PyTorch cannot say it of a view."""
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def node_name(tensor: Any) -> str:
    """Return the name of the call that made a tensor in the graph; empty for a leaf."""
    node = node_of(tensor)
    return "" if node is None else str(node.name())


def has_choice(tensor: Any) -> bool:
    """Return whether a tensor has no dimensions, or at least one element in its last dimension."""
    return bool(tensor.dim() == 0 or tensor.shape[-1] >= 1)
