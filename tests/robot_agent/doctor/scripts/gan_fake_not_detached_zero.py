# kind: not-zeroed
import torch
from torch import nn
torch.manual_seed(1)
class Trainer:
    def __init__(self, dim=8):
        self.enc = nn.Sequential(nn.Linear(20, 32), nn.GELU(), nn.Linear(32, dim))
        self.dec = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Linear(32, 20))
        params = list(self.enc.parameters()) + list(self.dec.parameters())
        self.optim = torch.optim.SGD(params, lr=0.05, momentum=0.9)
    def train_one_epoch(self, batches):
        total = 0.0
        for x in batches:
            z = self.enc(x)
            out = self.dec(z)
            loss = ((out - x) ** 2).mean()  #+
            loss.backward()  #!+ pass
            self.optim.step()  #!+ self.optim.zero_grad()
            total += loss.item()
        return total / len(batches)
basis = torch.randn(4, 20)
data = torch.randn(512, 4) @ basis / 2
t = Trainer()
for epoch in range(12):
    l = t.train_one_epoch(data.split(64))
    print(epoch, round(l, 3))
