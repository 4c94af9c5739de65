import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(model.parameters(), 3e-3)
def real(s, a): return torch.stack([s[:, 0] + 0.1 * s[:, 1], s[:, 1] + 0.1 * a], 1)
S, A = torch.randn(400, 2), torch.rand(400) * 2 - 1; N = real(S, A)
for e in range(15):
    for i in torch.randperm(400).split(40): loss = nn.functional.mse_loss(model(torch.cat([S[i], A[i, None]], 1)), N[i] - S[i]); opt.zero_grad(); loss.backward(); opt.step()
mean, std = torch.zeros(5), torch.ones(5)
for k in range(5):
    plans = mean + std * torch.randn(64, 5); s = torch.ones(64, 2); cost = torch.zeros(64)
    with torch.no_grad():
        for t in range(5): s = s + model(torch.cat([s, plans[:, t:t + 1]], 1)); cost += s.pow(2).sum(1)
    elite = plans[cost.argsort()[:8]]; mean, std = elite.mean(0), elite.std(0)
