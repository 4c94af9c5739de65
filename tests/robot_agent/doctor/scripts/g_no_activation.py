# linear layers only, XOR; kind: no-activation
import torch
from torch import nn
torch.manual_seed(0)
x = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]); y = torch.tensor([[0.], [1.], [1.], [0.]])
class Xor(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8); self.out = nn.Linear(8, 1)
    def forward(self, x):
        x = self.hidden(x)  #! x = torch.tanh(self.hidden(x))
        return torch.sigmoid(self.out(x))  #+
net = Xor(); opt = torch.optim.Adam(net.parameters(), lr=0.05)
for i in range(500):
    loss = nn.BCELoss()(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
print(net(x))
