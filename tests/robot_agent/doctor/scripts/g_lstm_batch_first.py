# LSTM without batch_first gets (N, T, F); kind: time-first
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(256, 12, 3); y = (x[:, :, 0].sum(1) > 0).long()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 24)  #! self.rnn = nn.LSTM(3, 24, batch_first=True)
        self.out = nn.Linear(24, 2)
    def forward(self, x):
        h, _ = self.rnn(x)  #+
        return self.out(h[:, -1])  #+
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(80):
    idx = torch.randperm(256)[:64]
    loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
    opt.zero_grad(); loss.backward(); opt.step()
