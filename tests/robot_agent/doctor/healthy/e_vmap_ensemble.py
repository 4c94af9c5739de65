import copy, torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
torch.manual_seed(0)
models = [nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1)) for _ in range(5)]
params, buffers = stack_module_state(models)
base = copy.deepcopy(models[0]).to("meta")
params = {k: v.detach().requires_grad_() for k, v in params.items()}
opt = torch.optim.Adam(params.values(), lr=1e-2)
def f(p, b, x): return functional_call(base, (p, b), (x,))
x = torch.randn(200, 4); y = (x[:, :1] * x[:, 1:2])
for s in range(100):
    out = vmap(f, in_dims=(0, 0, None))(params, buffers, x)
    loss = (out - y).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
