# graph-cut
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)

class VectorQuantizer(nn.Module):
    def __init__(self, k, d):
        super().__init__()
        self.embedding = nn.Embedding(k, d)
        self.embedding.weight.data.uniform_(-1, 1)
    def forward(self, z):
        d = torch.cdist(z, self.embedding.weight)
        idx = d.argmin(1)  #+
        q = self.embedding(idx)  #+
        loss = F.mse_loss(q, z.detach())
        return q, loss  #! return z + (q - z).detach(), loss + 0.25 * F.mse_loss(z, q.detach())

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 4))
        self.vq = VectorQuantizer(16, 4)
        self.dec = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 12))
    def forward(self, x):
        q, vq_loss = self.vq(self.enc(x))
        return self.dec(q), vq_loss

centers = torch.randn(8, 12) * 2
data = centers[torch.randint(0, 8, (1024,))] + 0.1 * torch.randn(1024, 12)
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    for xb in data[torch.randperm(1024)].split(64):
        out, vq = model(xb)
        loss = F.mse_loss(out, xb) + vq
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
