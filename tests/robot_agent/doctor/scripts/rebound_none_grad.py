# kind: weights-rebound
import torch
torch.manual_seed(1)
W1 = torch.randn(2, 8, requires_grad=True)
W2 = torch.randn(8, 1, requires_grad=True)
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
T = torch.tensor([[0.], [1.], [1.], [0.]])
for i in range(2000):
    out = torch.tanh(X @ W1) @ W2
    loss = ((out - T) ** 2).mean()
    loss.backward()
    W1 = W1 - 0.1 * W1.grad  #! W1.data.sub_(0.1 * W1.grad); W1.grad = None
    W2 = W2 - 0.1 * W2.grad  #! W2.data.sub_(0.1 * W2.grad); W2.grad = None
print("score", 1 - loss.item() / 0.25)
