# kind: not-zeroed
import torch
from torch import nn
torch.manual_seed(0)
gen = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
disc = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
g_opt = torch.optim.Adam(gen.parameters(), lr=1e-3)
d_opt = torch.optim.Adam(disc.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
real_data = torch.randn(640, 2) * 0.3 + torch.tensor([1.0, -1.0])
for epoch in range(3):
    for real in real_data.split(64):
        z = torch.randn(64, 4)
        fake = gen(z)
        d_loss = bce(disc(real), torch.ones(64, 1)) + bce(disc(fake.detach()), torch.zeros(64, 1))
        d_opt.zero_grad(); d_loss.backward(); d_opt.step()
        g_loss = bce(disc(fake), torch.ones(64, 1))
        g_loss.backward()  #+
        g_opt.step()  #!+ g_opt.zero_grad()
print(d_loss.item(), g_loss.item())
