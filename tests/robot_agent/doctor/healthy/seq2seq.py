import torch
from torch import nn
torch.manual_seed(0)
class S(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(12, 24); self.enc = nn.LSTM(24, 32, batch_first=True); self.dec = nn.LSTMCell(24, 32); self.o = nn.Linear(32, 12)
    def forward(self, x, y):
        _, (h, c) = self.enc(self.e(x)); h, c = h[0], c[0]; tok = torch.full((len(x),), 11); outs = []
        for i in range(y.shape[1]):
            h, c = self.dec(self.e(tok), (h, c)); outs.append(self.o(h)); tok = y[:, i]
        return torch.stack(outs, 1)
net = S(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(60):
    x = torch.randint(0, 10, (32, 4)); y = x.flip(1)
    l = nn.functional.cross_entropy(net(x, y).reshape(-1, 12), y.reshape(-1))
    opt.zero_grad(); l.backward(); opt.step()
print(l.item())
