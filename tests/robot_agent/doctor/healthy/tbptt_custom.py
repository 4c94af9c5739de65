import torch
from torch import nn
torch.manual_seed(0)
class R(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.RNNCell(1, 24); self.o = nn.Linear(24, 1)
    def forward(self, xs, h):
        out = []
        for x in xs: h = self.c(x, h); out.append(self.o(h))
        return torch.stack(out), h
net = R(); opt = torch.optim.Adam(net.parameters(), lr=0.01); sig = torch.sin(torch.arange(0, 200, 0.3)).view(-1, 1, 1)
for ep in range(4):
    h = torch.zeros(1, 24)
    for i in range(0, 600, 30):
        y, h = net(sig[i:i + 30], h.detach()); l = nn.functional.mse_loss(y, sig[i + 1:i + 31]); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
