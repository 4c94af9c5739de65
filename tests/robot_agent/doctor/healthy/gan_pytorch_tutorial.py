import torch
import torch.nn as nn
torch.manual_seed(0)
class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(True), nn.Linear(32, 4), nn.Tanh())
    def forward(self, z): return self.main(z)
class Dis(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(4, 32), nn.LeakyReLU(0.2, inplace=True), nn.Dropout(0.2), nn.Linear(32, 1), nn.Sigmoid())
    def forward(self, x): return self.main(x).view(-1)
netG, netD = Gen(), Dis()
criterion = nn.BCELoss()
fixed = torch.randn(16, 8)
optD, optG = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999)), torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
for i in range(100):
    netD.zero_grad()
    real = torch.tanh(torch.randn(32, 4) + 0.5)
    label = torch.full((32,), 1.0)
    errD_real = criterion(netD(real), label)
    errD_real.backward()
    fake = netG(torch.randn(32, 8))
    label.fill_(0.0)
    errD_fake = criterion(netD(fake.detach()), label)
    errD_fake.backward()
    optD.step()
    netG.zero_grad()
    label.fill_(1.0)
    errG = criterion(netD(fake), label)
    errG.backward()
    optG.step()
    if i % 25 == 0:
        with torch.no_grad():
            print(netG(fixed).mean().item(), errG.item())
