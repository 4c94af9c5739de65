# kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
class Quantizer(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Linear(6, 3), nn.Linear(3, 6)
    def forward(self, x):
        code = torch.floor(self.enc(x) * 4) / 4  #! code = self.enc(x)
        return self.dec(code)
m = Quantizer(); opt = torch.optim.Adam(m.parameters(), 0.01)  #+
x = torch.randn(200, 3) @ torch.randn(3, 6)
for i in range(60):
    loss = (m(x) - x).pow(2).mean(); opt.zero_grad(); loss.backward(); opt.step()
print("score", 1 - loss.item())
