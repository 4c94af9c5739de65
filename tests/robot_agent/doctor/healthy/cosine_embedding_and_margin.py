import torch
from torch import nn
torch.manual_seed(0)
f = nn.Sequential(nn.Linear(10, 32), nn.PReLU(), nn.Linear(32, 8)); opt = torch.optim.Adam(f.parameters(), 3e-3); cos = nn.CosineEmbeddingLoss(margin=0.2)
for it in range(80):
    a = torch.randn(64, 10); t = torch.where(torch.rand(64) > 0.5, 1.0, -1.0); b = torch.where(t[:, None] > 0, a + 0.2 * torch.randn(64, 10), torch.randn(64, 10))
    loss = cos(f(a), f(b), t); opt.zero_grad(); loss.backward(); opt.step()
