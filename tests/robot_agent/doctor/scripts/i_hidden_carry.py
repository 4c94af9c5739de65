# graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 16, batch_first=True); self.fc = nn.Linear(16, 1); self.h = None
    def forward(self, x):
        out, self.h = self.rnn(x, self.h) #! out, _ = self.rnn(x)
        return self.fc(out[:, -1])
net = Model(); opt = torch.optim.Adam(net.parameters(), 1e-2)
X = torch.randn(10, 8, 12, 3)
for e in range(5):
    for x in X:
        loss = (net(x) - x[:, -1, :1]).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
