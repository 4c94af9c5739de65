import torch
from torch import nn
torch.manual_seed(0)
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d = nn.Conv2d(1, 8, 4, 2, 1); self.m = nn.Conv2d(8, 8, 3, 1, 1); self.u = nn.ConvTranspose2d(16, 1, 4, 2, 1)
    def forward(self, x):
        d = nn.functional.leaky_relu(self.d(x), 0.2)
        return torch.tanh(self.u(torch.cat([d, torch.relu(self.m(d))], 1)))
G = UNet(); D = nn.Sequential(nn.Conv2d(2, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 4, 2, 1))
og, od = (torch.optim.Adam(m.parameters(), 2e-3, betas=(0.5, 0.999)) for m in (G, D))
adv, l1 = nn.BCEWithLogitsLoss(), nn.L1Loss()
for it in range(50):
    a = torch.rand(16, 1, 16, 16) * 2 - 1; b = -a
    fake = G(a)
    pr, pf = D(torch.cat([a, b], 1)), D(torch.cat([a, fake.detach()], 1))
    ld = 0.5 * (adv(pr, torch.ones_like(pr)) + adv(pf, torch.zeros_like(pf)))
    od.zero_grad(); ld.backward(); od.step()
    pf = D(torch.cat([a, fake], 1))
    lg = adv(pf, torch.ones_like(pf)) + 20 * l1(fake, b)
    og.zero_grad(); lg.backward(); og.step()
print(lg.item())
