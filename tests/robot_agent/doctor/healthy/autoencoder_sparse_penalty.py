import torch
from torch import nn
torch.manual_seed(0)
class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(20, 12), nn.ReLU()); self.dec = nn.Linear(12, 20)
    def forward(self, x): z = self.enc(x); return self.dec(z), z
ae = AE(); opt = torch.optim.Adagrad(ae.parameters(), lr=0.05)
data = torch.randn(300, 5) @ torch.randn(5, 20) / 2
for e in range(15):
    for x in data.split(50):
        out, z = ae(x); loss = nn.functional.mse_loss(out, x) + 1e-3 * z.abs().mean() + 1e-4 * sum(p.pow(2).sum() for p in ae.parameters())
        opt.zero_grad(); loss.backward(); opt.step()
