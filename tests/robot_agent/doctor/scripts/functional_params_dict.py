# kind: weights-rebound
import torch
torch.manual_seed(0)
def init(sizes):
    params = {}
    for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
        params[f"W{i}"] = (torch.randn(a, b) / a ** 0.5).requires_grad_()
        params[f"b{i}"] = torch.zeros(b, requires_grad=True)
    return params
def forward(params, x, n):
    for i in range(n):
        x = x @ params[f"W{i}"] + params[f"b{i}"]
        if i < n - 1:
            x = torch.tanh(x)
    return x
params = init([2, 16, 1])
x = torch.rand(128, 2) * 2 - 1
t = (x[:, :1] * x[:, 1:])
for step in range(200):
    loss = (forward(params, x, 2) - t).pow(2).mean()
    for p in params.values():
        p.grad = None
    loss.backward()
    for p in params.values():
        p = p - 0.3 * p.grad  #! p.data -= 0.3 * p.grad
print(loss.item())
