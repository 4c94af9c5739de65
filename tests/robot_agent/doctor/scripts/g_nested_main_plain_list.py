# list of layers in a class in a function; kind: not-registered
import torch
from torch import nn
def build(n):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 16)
            self.rest = {}
            for i in range(n):
                self.rest[f"l{i}"] = nn.Linear(16, 16)  #+
            self.rest_names = list(self.rest)  #+
            self.last = nn.Linear(16, 1)
        def forward(self, x):
            x = torch.relu(self.first(x))
            for k in self.rest_names: x = torch.relu(self.rest[k](x))
            return self.last(x)
    return Stack()
def train():
    torch.manual_seed(0)
    net = build(3); opt = torch.optim.Adam(net.parameters(), 0.01)
    x = torch.randn(200, 4); y = x[:, :1].sin()
    for i in range(100):
        loss = nn.functional.mse_loss(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
    return loss.item()
if __name__ == "__main__":
    print(train())
