# kind: not-in-optimizer
import torch
from torch import nn
torch.manual_seed(0)
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 3))
    def forward(self, x): return self.l(x)
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 30))
    def forward(self, z): return self.l(z)
enc, dec = Encoder(), Decoder()
opt_e = torch.optim.Adam(enc.parameters(), lr=2e-3)
opt_d = torch.optim.Adam(enc.parameters(), lr=2e-3)  #! opt_d = torch.optim.Adam(dec.parameters(), lr=2e-3)
data = torch.randn(400, 3) @ torch.randn(3, 30)
for ep in range(20):
    for x in data[torch.randperm(400)].split(50):
        loss = (dec(enc(x)) - x).square().mean()
        opt_e.zero_grad(); opt_d.zero_grad()
        loss.backward()
        opt_e.step(); opt_d.step()
print(loss.item())
