import torch
torch.manual_seed(0)
x = torch.linspace(0, 4, 60); y = 2.0 * torch.exp(-0.7 * x) + 0.05 * torch.randn(60)
a, k = torch.tensor(1.0, requires_grad=True), torch.tensor(0.1, requires_grad=True); opt = torch.optim.LBFGS([a, k], line_search_fn="strong_wolfe")
def closure():
    opt.zero_grad(); loss = ((a * torch.exp(-k * x) - y) ** 2).mean(); loss.backward(); return loss
for _ in range(8): opt.step(closure)
