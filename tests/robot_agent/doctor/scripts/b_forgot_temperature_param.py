# kind: not-in-optimizer
import torch
from torch import nn
torch.manual_seed(0)
rnn = nn.GRU(3, 16, batch_first=True); fc = nn.Linear(16, 1)
optimizer = torch.optim.Adam(fc.parameters(), lr=0.01)  #! optimizer = torch.optim.Adam(list(rnn.parameters()) + list(fc.parameters()), lr=0.01)
for it in range(80):
    x = torch.randn(32, 6, 3); y = x[:, :, 0].cumsum(1)[:, -1:].tanh()
    o, h = rnn(x); loss = (fc(o[:, -1]) - y).pow(2).mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
