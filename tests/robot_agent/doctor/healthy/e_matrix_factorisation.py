import numpy as np, torch
from torch.utils.data import DataLoader, Dataset
class Ratings(Dataset):
    def __init__(self):
        r = np.random.default_rng(0)
        self.u, self.i = r.integers(0, 50, 1500), r.integers(0, 40, 1500)
        p, q = r.normal(size=(50, 3)), r.normal(size=(40, 3))
        self.r = np.clip(np.round(3 + (p[self.u] * q[self.i]).sum(1)), 1, 5).astype(np.float32)
    def __len__(self): return 1500
    def __getitem__(self, k): return self.u[k], self.i[k], self.r[k]
class MF(torch.nn.Module):
    def __init__(self, d=6):
        super().__init__()
        self.P, self.Q, self.bu, self.bi = torch.nn.Embedding(50, d), torch.nn.Embedding(40, d), torch.nn.Embedding(50, 1), torch.nn.Embedding(40, 1)
        self.mean = 3.0
        for e in (self.P, self.Q): torch.nn.init.normal_(e.weight, std=0.1)
        for e in (self.bu, self.bi): torch.nn.init.zeros_(e.weight)
    def forward(self, u, i): return (self.P(u) * self.Q(i)).sum(1) + self.bu(u)[:, 0] + self.bi(i)[:, 0] + self.mean
torch.manual_seed(0)
m = MF(); opt = torch.optim.Adam(m.parameters(), lr=2e-2, weight_decay=1e-5)
for e in range(4):
    for u, i, r in DataLoader(Ratings(), 128, shuffle=True):
        loss = torch.nn.functional.mse_loss(m(u, i), r)
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
