import numpy as np, torch
from torch import nn
torch.manual_seed(0)
series = 100 + 20 * np.sin(np.arange(300) / 8) + np.random.default_rng(0).normal(size=300); lo, hi = series.min(), series.max(); s = (series - lo) / (hi - lo)
X = np.stack([s[i:i+12] for i in range(280)]).astype("f")[..., None]; Y = s[12:292].astype("f")[:, None]
class L(nn.Module):
    def __init__(self): super().__init__(); self.r = nn.LSTM(1, 24, batch_first=True); self.o = nn.Linear(24, 1)
    def forward(self, x): h0 = torch.zeros(1, len(x), 24); out, _ = self.r(x, (h0, torch.zeros_like(h0))); return self.o(out[:, -1])
m = L(); opt = torch.optim.Adam(m.parameters(), 0.01); X, Y = torch.from_numpy(X), torch.from_numpy(Y)
for e in range(10):
    for i in range(0, 240, 24): loss = nn.functional.mse_loss(m(X[i:i+24]), Y[i:i+24]); opt.zero_grad(); loss.backward(); opt.step()
