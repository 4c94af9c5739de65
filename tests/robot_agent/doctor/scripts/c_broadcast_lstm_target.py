# kind: broadcast
import torch
from torch import nn
torch.manual_seed(0)
class L(nn.Module):
    def __init__(self): super().__init__(); self.r, self.o = nn.LSTM(1, 12, batch_first=True), nn.Linear(12, 1)
    def forward(self, x): return self.o(self.r(x)[0])
m = L(); opt = torch.optim.Adam(m.parameters(), 0.01)
for i in range(40):
    x = torch.randn(10, 10, 1); y = x.squeeze(-1).cumsum(1)
    loss = nn.functional.mse_loss(m(x), y)  #! loss = nn.functional.mse_loss(m(x).squeeze(-1), y)
    opt.zero_grad(); loss.backward(); opt.step()
