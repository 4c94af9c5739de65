import torch
torch.manual_seed(0)
x = torch.linspace(0, 5, 40); y = torch.sin(x) + 0.1 * torch.randn(40)
log_l, log_s, log_n = (torch.zeros((), requires_grad=True) for _ in range(3))
opt = torch.optim.Adam([log_l, log_s, log_n], lr=0.05)
for it in range(80):
    K = log_s.exp() * torch.exp(-0.5 * (x[:, None] - x[None]).pow(2) / log_l.exp() ** 2) + (log_n.exp() + 1e-5) * torch.eye(40)
    L = torch.linalg.cholesky(K)
    a = torch.cholesky_solve(y[:, None], L)
    nll = 0.5 * (y @ a[:, 0]) + L.diagonal().log().sum()
    opt.zero_grad(); nll.backward(); opt.step()
print(nll.item(), log_l.exp().item())
