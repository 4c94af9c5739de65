import torch
from torch import nn
torch.manual_seed(0)
x = torch.rand(40, 1); y = torch.sin(6 * x[:, 0])
log_l, log_s, log_n = (nn.Parameter(torch.tensor(v)) for v in (0.0, 0.0, -2.0))
opt = torch.optim.Adam([log_l, log_s, log_n], lr=0.05)
for i in range(60):
    d = x - x[:, 0]
    K = log_s.exp() * torch.exp(-(d / log_l.exp()) ** 2) + log_n.exp() * torch.eye(40)
    L = torch.linalg.cholesky(K); a = torch.cholesky_solve(y[:, None], L)
    loss = 0.5 * (y @ a.squeeze(1)) + L.diagonal().log().sum(); opt.zero_grad(); loss.backward(); opt.step()
