import torch
torch.manual_seed(0)
x = torch.randn(60, 10); w = torch.randn(10, 1); y = x @ w + torch.randn(60, 1)
xv = torch.randn(60, 10); yv = xv @ w + torch.randn(60, 1)
log_lam = torch.tensor(0.0, requires_grad=True)
outer = torch.optim.Adam([log_lam], lr=0.1)
for it in range(25):
    theta = torch.zeros(10, 1, requires_grad=True)
    for k in range(10):
        inner = (x @ theta - y).pow(2).mean() + log_lam.exp() * theta.pow(2).mean()
        g, = torch.autograd.grad(inner, theta, create_graph=True)
        theta = theta - 0.1 * g
    val = (xv @ theta - yv).pow(2).mean()
    outer.zero_grad(); val.backward(); outer.step()
print(val.item(), log_lam.exp().item())
