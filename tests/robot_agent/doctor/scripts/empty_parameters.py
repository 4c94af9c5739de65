# kind: not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Stack(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.blocks = []  #! self.blocks = nn.ModuleList()
        for a, b in zip(sizes[:-1], sizes[1:]):
            self.blocks.append(nn.Linear(a, b))  #+
    def forward(self, x):
        for block in self.blocks[:-1]:
            x = torch.tanh(block(x))
        return self.blocks[-1](x)
net = Stack([3, 16, 16, 1])
opt = torch.optim.Adam(net.parameters(), lr=0.01)  #+
x = torch.randn(200, 3)
y = torch.sin(x.sum(1, keepdim=True))
for i in range(300):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
