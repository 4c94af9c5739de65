# the first output of an LSTM instead of the last; kind: first-time-step
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(256, 10, 3); y = (x[:, :, 0].sum(1) > 0).long()
class Clf(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 32, batch_first=True); self.fc = nn.Linear(32, 2)
    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, 0, :])  #! return self.fc(out[:, -1, :])
net = Clf(); opt = torch.optim.Adam(net.parameters(), 0.01)
for i in range(80):
    loss = nn.functional.cross_entropy(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
